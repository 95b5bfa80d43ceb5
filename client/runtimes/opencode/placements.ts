// Proof of delivery in OpenCode: which mail stood in a request that the model has answered.

/** Where mail is: put into the history, in a request of the model, or in one that was answered. */
type Stage = 'placed' | 'requested' | 'answered';

interface Placement {
  /** What to look for in a request. */
  text: string;
  refs: readonly string[];
  stage: Stage;
}

/**
 * The mail of one session between the broker and its model. The plugin is shown each request of
 * the model whole, so what stood in none is known to be lost, and the first words or tool of the
 * model prove the request that they answer. A request for a summary proves nothing.
 */
export class Placements {
  #all: Placement[] = [];
  #isDoubtful: boolean;
  /** A summary is made: what is requested and said meanwhile is about other things. */
  #summary: 'none' | 'announced' | 'asked' = 'none';

  /** `isResumed`: what an earlier process was handed may have been lost with it. */
  constructor(isResumed: boolean) {
    this.#isDoubtful = isResumed;
  }

  /** What was handed over is shown by the answered requests, all of it. */
  get isProven(): boolean {
    return this.#all.length > 0 && this.#all.every(({ stage }) => stage === 'answered');
  }

  /** Something that was handed over may be lost: it is to be handed over again. */
  get isDoubtful(): boolean {
    return this.#isDoubtful;
  }

  /** Mail waits for a request: what is put elsewhere meanwhile could come before it. */
  get isPlaced(): boolean {
    return this.#all.some(({ stage }) => stage === 'placed');
  }

  get isSummarising(): boolean {
    return this.#summary !== 'none';
  }

  /** Mail was put where the next request takes it from. */
  place(text: string, refs: readonly string[]): void {
    this.#all.push({ text, refs, stage: 'placed' });
  }

  /** True for an item that is on its way already. */
  has(ref: string): boolean {
    return this.#all.some(({ refs }) => refs.includes(ref));
  }

  /** True for a text that was placed here. */
  isOwn(text: string): boolean {
    return this.#all.some(placement => placement.text === text);
  }

  /** Mail could not be placed, or whether it was handed over is not known. */
  doubt(): void {
    this.#isDoubtful = true;
  }

  /** Mail that was placed did not get there after all. */
  lose(text: string): void {
    this.#all = this.#all.filter(placement => placement.text !== text);
    this.#isDoubtful = true;
  }

  /** The broker was told by a drain what was proven and doubted when it was sent. */
  told({ wasProven, wasDoubtful }: { wasProven: boolean; wasDoubtful: boolean }): void {
    if (wasProven) this.#all = [];
    if (wasDoubtful) this.#isDoubtful = false;
  }

  /** A summary is about to be asked for: the request before was not answered. */
  summarises(): void {
    this.#summary = 'announced';
    for (const placement of this.#all) {
      if (placement.stage === 'requested') placement.stage = 'placed';
    }
  }

  /** A request is about to be sent that holds these texts. */
  requests(texts: readonly string[]): void {
    if (this.#summary === 'announced') {
      this.#summary = 'asked';
      return;
    }
    this.#summary = 'none';
    const isThere = ({ text }: Placement) => texts.some(each => each.includes(text));
    const left = this.#all.filter(each => each.stage === 'answered' || isThere(each));
    if (left.length < this.#all.length) this.#isDoubtful = true;
    for (const placement of left) if (placement.stage === 'placed') placement.stage = 'requested';
    this.#all = left;
  }

  /** The model has begun to answer. */
  answers(): void {
    if (this.isSummarising) return;
    for (const placement of this.#all) {
      if (placement.stage === 'requested') placement.stage = 'answered';
    }
  }
}
