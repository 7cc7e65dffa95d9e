import { describe, expect, it } from 'vitest';
import { FOLDER, sealPage } from './sealed-page';

const PAGE =
  '<html><head><meta charset="utf-8" /><style>p{}</style></head>' +
  '<body><script type="module">1</script></body></html>';

describe('the built page', () => {
  it('allows its one script, its one style and its own folder', () => {
    const sealed = sealPage(PAGE);
    // printf 1 | openssl dgst -sha256 -binary | base64
    expect(sealed).toContain("script-src 'sha256-a4ayc/80/OGda4BO/1o/V0etpOqiLx1JwB5S3beHW0s='");
    expect(sealed).toContain("default-src 'none'");
    expect(sealed.split(FOLDER)).toHaveLength(2);
  });

  it.each([
    ['a second script', PAGE.replace('</body>', '<script>2</script></body>')],
    ['no style', PAGE.replace('<style>p{}</style>', '')],
    [
      'something from elsewhere',
      PAGE.replace('<style>', '<link href="https://cdn/x.css" /><style>'),
    ],
    ['another folder', PAGE.replace('</body>', `${FOLDER}</body>`)],
    ['too much', PAGE.replace('p{}', Array.from({ length: 99_999 }, () => Math.random()).join())],
  ])('with %s is refused', (_, page) => expect(() => sealPage(page)).toThrow());
});
