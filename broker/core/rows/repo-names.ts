// Redirects of repositories and their owners: an address of before leads to the one of now.
import { limits } from '../../../schemas/limits.js';

export interface Move {
  to: string;
  /** When GitHub says it was, in ms UTC; 0 when it does not say. */
  at: number;
}

/** Where the repository with an id lies. */
export interface Known {
  address: string;
  /** The newest moment at which GitHub is known to have called it so, in ms UTC. */
  at: number;
}

export interface RepoNamesSnapshot {
  moves: [string, Move][];
  ids: [string, Known][];
}

/**
 * A table of redirects, followed for at most `limits.review_moves_hops`. Addresses are those of an
 * owner, a repository or a pull request, without a slash behind.
 */
export class RepoNames {
  /** By the address of before; one that leads to itself belongs to somebody else by now. */
  readonly #moves = new Map<string, Move>();
  readonly #ids = new Map<string, Known>();
  readonly #idAt = new Map<string, string>();

  /** Where what lay at `url` lies now. */
  current(url: string): string {
    let at = url;
    // A chain of more is nobody's history; it must end on every broker alike.
    for (let hop = 0; hop < limits.review_moves_hops && this.#moves.size > 0; hop++) {
      const next = this.#step(at);
      if (next === at) return at;
      at = next;
    }
    return at;
  }

  #step(url: string): string {
    for (let end = url.length; end > HOST_END; end = url.lastIndexOf('/', end - 1)) {
      const move = this.#moves.get(url.slice(0, end));
      if (move !== undefined) return move.to + url.slice(end);
    }
    return url;
  }

  movedAt(address: string): Move | undefined {
    return this.#moves.get(address);
  }

  /** From now on `from` leads to `to`, and `to` is a name of its own. */
  move(from: string, to: string, at: number): void {
    this.#moves.delete(to);
    for (const [address, move] of [...this.#moves]) {
      // Who has a name below the one of before is moved with it.
      const isCarried = move.to === address && isUnder(address, from);
      if (isCarried || this.#isBack(address, from, to)) this.#moves.delete(address);
    }
    this.#moves.delete(from);
    this.#moves.set(from, { to, at });
    this.own(to, at);
    for (const [id, known] of [...this.#ids]) {
      if (isUnder(known.address, from)) {
        this.learn(id, to + known.address.slice(from.length), Math.max(known.at, at));
      }
    }
    this.#trim();
  }

  /** True when what left the address long ago comes back to it by this move. */
  #isBack(address: string, from: string, to: string): boolean {
    if (!isUnder(address, to)) return false;
    const now = this.current(address);
    return isUnder(now, from) && to + now.slice(from.length) === address;
  }

  /** The name belongs to somebody else from now on, whatever it led to. */
  own(address: string, at: number): void {
    if (this.#moves.get(address)?.to !== address) this.#moves.delete(address);
    if (this.current(address) !== address) this.#moves.set(address, { to: address, at });
    this.#trim();
  }

  known(id: string): Known | undefined {
    return this.#ids.get(id);
  }

  /** The id of who lies at the address, as far as it is known. */
  idOf(address: string): string | undefined {
    return this.#idAt.get(address);
  }

  learn(id: string, address: string, at: number): void {
    const before = this.#ids.get(id);
    if (before !== undefined && this.#idAt.get(before.address) === id) {
      this.#idAt.delete(before.address);
    }
    const other = this.#idAt.get(address);
    if (other !== undefined && other !== id) this.#ids.delete(other);
    this.#ids.delete(id);
    this.#ids.set(id, { address, at });
    this.#idAt.set(address, id);
    if (this.#ids.size <= limits.review_repos_rows) return;
    const [oldest = ''] = this.#ids.keys();
    this.#idAt.delete(this.#ids.get(oldest)?.address ?? '');
    this.#ids.delete(oldest);
  }

  #trim(): void {
    if (this.#moves.size <= limits.review_moves_rows) return;
    const [oldest = ''] = this.#moves.keys();
    this.#moves.delete(oldest);
  }

  toSnapshot(): RepoNamesSnapshot {
    const moves = [...this.#moves].map(([from, move]): [string, Move] => [from, { ...move }]);
    return { moves, ids: [...this.#ids] };
  }

  restore({ moves, ids }: RepoNamesSnapshot): void {
    for (const [from, move] of moves) this.#moves.set(from, { ...move });
    for (const [id, { address, at }] of ids) this.learn(id, address, at);
  }
}

const HOST_END = 'https://'.length;

/** True for the address itself and for what lies below it, by whole segments of the path. */
export function isUnder(url: string, address: string): boolean {
  return url === address || url.startsWith(`${address}/`);
}
