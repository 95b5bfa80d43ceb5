// The verb ask: asks one peer, or many at once, and waits for what they say when told to.
import { Option } from 'commander';
import type { Question } from '../../schemas/ask.js';
import type { Attachment } from '../../schemas/attachment.js';
import { deliveryText } from '../runtimes/when-seen.js';
import { Failure } from '../terminal/exit.js';
import { shortId } from '../terminal/short-id.js';
import { answer } from './ask/answer.js';
import { askMany } from './ask/many.js';
import { type QuestionOptions, questionOf, withQuestion } from './ask/question.js';
import type { Cli, CliVerb } from './cli.js';
import {
  type AttachOptions,
  attached,
  commaList,
  examples,
  moment,
  type TextOptions,
  type Wait,
  waitOption,
  wholeNumber,
  withAttachments,
  withText,
} from './options.js';
import { findRef, noteShown } from './reach/find.js';
import type { Reach } from './reach/reach.js';
import { needText } from './text.js';

interface Options extends TextOptions, AttachOptions, QuestionOptions {
  many?: string[];
  quorum?: number;
  deadline?: string | number;
  wait?: Wait;
  replyTo?: string;
}

/** What is asked, whoever it is asked of. */
interface Asked {
  text: string;
  circle?: string;
  question?: Question;
  deadline_at?: string | number;
  attachments?: Attachment[];
}

export const ask: CliVerb = (program, act) => {
  const verb = program
    .command('ask')
    .description('ask a peer; the reply comes to your inbox, or here with --wait')
    .argument('[to]', 'the name or id of a peer; left out with --many');
  withAttachments(withQuestion(withText(verb)))
    .addOption(
      new Option('--many <list>', 'ask all of these, as api,db,ui')
        .argParser((text, former: string[] = []) => [...former, ...commaList(text)])
        .conflicts('replyTo'),
    )
    .option('--quorum <count>', 'of many, how many answers are enough', wholeNumber)
    .option('--deadline <time>', 'no answer is wanted after 10m, 2h, tomorrow 9:00 …', moment)
    .addOption(waitOption('wait for the reply and print it'))
    .option('--reply-to <ask>', 'answer this ask with the new one, which closes it')
    .addHelpText(
      'after',
      examples(
        'signalbox ask api "may I merge?" --wait 10m',
        'git diff main | signalbox ask reviewer "please review" - --wait',
        'signalbox ask ada "which one?" --choice blue="The blue one" --choice red --wait',
        'signalbox ask ada "drop the table?" --permission --deadline 1h --wait',
        'signalbox ask --many api,db,ui "ready to release?" --quorum 2 --wait 1h',
      ),
    )
    .action(act(run));
};

async function run(
  cli: Cli,
  to: string | undefined,
  words: string[],
  options: Options,
): Promise<void> {
  const { many, quorum, wait, replyTo } = options;
  if (many !== undefined) {
    const asked = await read(cli, to === undefined ? words : [to, ...words], options);
    const params = { ...asked, to: many, ...(quorum !== undefined && { quorum }) };
    return askMany(cli, await cli.reach(), params, wait);
  }
  if (to === undefined || quorum !== undefined) {
    const message = to === undefined ? 'say whom to ask' : '--quorum is for an ask of many';
    throw new Failure('usage', message, {
      hint: 'one peer by name, or several as --many api,db; see: signalbox help ask',
    });
  }
  const asked = await read(cli, words, options);
  await askOne(cli, await cli.reach(), { ...asked, to, replyTo, wait });
}

async function read(cli: Cli, words: string[], options: Options): Promise<Asked> {
  const question = questionOf(options);
  const text = await needText({ words, ...options }, cli.world);
  const { circle } = cli.options;
  return {
    text,
    ...(circle && { circle }),
    ...(question && { question }),
    ...(options.deadline !== undefined && { deadline_at: options.deadline }),
    ...(await attached(options, cli.world.directory)),
  };
}

async function askOne(
  cli: Cli,
  reach: Reach,
  {
    replyTo,
    wait,
    ...asked
  }: Asked & { to: string; replyTo: string | undefined; wait: Wait | undefined },
): Promise<void> {
  const { to } = asked;
  const reply_to = replyTo && (await findRef(cli, reach, replyTo, ['ask']));
  const params = { ...asked, ...(reply_to && { reply_to }) };
  const opened = await cli.terminal.during(`asking ${to}`, reach.speak('ask.open', params));
  await noteShown(cli, reach, [opened.ask]);
  if (wait !== undefined) return answer(cli, reach, { to, ask: opened.ask }, wait);
  const line = `ask ${shortId(opened.ask)} to ${to}: ${deliveryText(opened)}`;
  await cli.terminal.one(opened, () => [line]);
  cli.terminal.hint('the reply comes to your inbox: signalbox inbox --wait');
}
