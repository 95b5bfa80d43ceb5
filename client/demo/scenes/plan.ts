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

// On a host of nobody's, so that no broker asks GitHub about what is only played.
export const pulls = {
  login: 'https://git.example.com/acme/shop/pull/1',
  dark: 'https://git.example.com/acme/shop/pull/2',
} as const;
