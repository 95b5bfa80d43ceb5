// What stands on the board of the play, and the briefs that go with it.

export const titles = {
  login: 'Limit login attempts',
  dark: 'Dark mode for checkout',
  guide: 'Outline of the API guide',
} as const;

/** The board as its person has written it. */
export const boardText = `# Shop

Boxes: to do [ ], in progress [~], done [x].

- [x] Search box in the header @web
- [ ] ${titles.login} @api
- [ ] ${titles.dark} @web
- [ ] ${titles.guide} @docs
`;

export const pulls = {
  login: 'https://github.com/example/shop/pull/1',
  dark: 'https://github.com/example/shop/pull/2',
} as const;
