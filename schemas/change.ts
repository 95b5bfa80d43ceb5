// What a view says after an event: the rows of its own that are different now.

export type ViewName =
  | 'peers'
  | 'asks'
  | 'messages'
  | 'inbox'
  | 'jobs'
  | 'schedules'
  | 'reviews'
  | 'usage'
  | 'tokens'
  | 'gateways';

export interface Change {
  view: ViewName;
  key: string;
  /** The row as it is now; null when it is gone. */
  row: object | null;
}
