// Interning: strings that come again and again, kept once and known by a small number.

/** Counts them from 0 in the order in which they first came. */
export class Interned {
  readonly #names: string[] = [];
  readonly #indexes = new Map<string, number>();

  index(name: string): number {
    const known = this.#indexes.get(name);
    if (known !== undefined) return known;
    this.#indexes.set(name, this.#names.length);
    return this.#names.push(name) - 1;
  }

  name(index: number): string {
    return this.#names[index]!;
  }

  get names(): readonly string[] {
    return this.#names;
  }
}
