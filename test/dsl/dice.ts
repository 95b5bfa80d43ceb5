// The dice that random histories are made with.

/** Numbers from which one event is made: which kind, who, to whom, about which thing. */
export interface Dice {
  kind: number;
  who: number;
  to: number;
  thing: number;
  other: number;
  id: number;
  text: string;
  flaw: number;
}
