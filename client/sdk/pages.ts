// Lists in all their pages (keyset pagination): each begins behind the last row of the former.
import { limits } from '../../schemas/limits.js';

/** Every row of a list; `page` asks for one page of it. */
export async function allRows<Row>(
  page: (at: {
    max: number;
    after?: string;
  }) => Promise<{ rows: Row[]; next?: string | undefined }>,
): Promise<Row[]> {
  const rows: Row[] = [];
  let after: string | undefined;
  do {
    const answer = await page({ max: limits.list_items, ...(after && { after }) });
    rows.push(...answer.rows);
    after = answer.next;
  } while (after !== undefined);
  return rows;
}
