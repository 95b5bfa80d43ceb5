// A wall clock that a test sets as it likes, in the process that imports this.
const right = Date.now;
let wrong = 0;

Date.now = () => right() + wrong;

/** By how much the clock is wrong from now on, in ms. */
export function setClock(ms: number): void {
  wrong = ms;
}
