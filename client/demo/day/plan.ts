// What is to be done on the day: its board, its files and its briefs.

/** One item of the board, with the branch it is done on. */
export interface Work {
  title: string;
  branch: string;
  brief: string;
}

export const works = {
  dark: {
    title: 'Dark mode for checkout',
    branch: 'dark-mode',
    brief: 'Move the colours of all 23 components to tokens.',
  },
  login: {
    title: 'Limit login attempts',
    branch: 'login-limit',
    brief: 'Five tries a minute for each address, then 429.',
  },
  guide: {
    title: 'Guide to the error codes',
    branch: 'error-guide',
    brief: 'Each code, what it means, what to do.',
  },
} as const satisfies Record<string, Work>;

/** The board as its person has written it. */
export const boardText = `# Shop, this week

Boxes: to do [ ], in progress [~], done [x].

- [x] Search box in the header @web
- [ ] ${works.dark.title} @web
- [ ] ${works.login.title} @api
- [ ] ${works.guide.title} @docs
`;

/** What that person adds by hand in the middle of the day. */
export const remark = '\nAda: production is migrated on Monday, not before.\n';

export const COLOURS = 'src/checkout.css';
export const LOGIN = 'src/login.js';
export const ERRORS = 'src/errors.js';
export const GUIDE = 'guide/errors.md';

/** The repository as it is found. */
export const files: Readonly<Record<string, string>> = {
  'README.md': '# Shop\n',
  [COLOURS]: '.cart { color: #222 }\n.receipt { color: #222 }\n',
  [LOGIN]: 'export const login = (name, word) => check(name, word);\n',
  [ERRORS]: 'export const codes = { unauthorised: 401 };\n',
};

// On a host of nobody's, so that no broker asks GitHub about what is only played.
export const ORIGIN = 'https://git.example.com/acme/shop';
export const dayPulls = { dark: `${ORIGIN}/pull/11`, login: `${ORIGIN}/pull/12` } as const;

/** What the first orchestrator may use on the day, and what it uses at once. */
export const BUDGET = { cost_usd_per_day: 2 } as const;
export const LOW = { percent: 80 } as const;
export const USED = { input_tokens: 412_000, output_tokens: 38_000, cost_usd: 1.72 } as const;
