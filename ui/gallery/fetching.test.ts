import { describe, expect, it } from 'vitest';
import { refusal } from './fetching';

const END = Date.parse('2026-11-23T19:02:00Z');
const BEFORE = END - 60_000;
const AFTER = END + 1000;
const xml = (code: string, message = ''): string =>
  `<Error><Code>${code}</Code><Message>${message}</Message></Error>`;

describe('what a store refuses', () => {
  it.each([
    ['AWS, over', 403, xml('AccessDenied', 'Request has expired'), AFTER],
    ['s3s, over', 403, xml('AccessDenied'), AFTER],
    ['Garage, over', 400, xml('InvalidRequest', 'Bad request: Date is too old'), AFTER],
    ['gone and over', 404, xml('NoSuchKey'), AFTER],
    ['over by the store, not yet by us', 403, xml('AccessDenied', 'Request has expired'), BEFORE],
  ])('%s: has ended', (_, status, body, now) =>
    expect(refusal(status, body, now, END)).toBe('ended'),
  );

  it.each([
    ['gone', 404, xml('NoSuchKey')],
    ['gone, on AWS without the right to list', 403, xml('AccessDenied', 'Access Denied')],
    ['its signing key disabled', 403, xml('InvalidAccessKeyId')],
  ])('%s: was revoked', (_, status, body) =>
    expect(refusal(status, body, BEFORE, END)).toBe('revoked'),
  );

  it.each([
    ['AWS', 403, xml('SignatureDoesNotMatch')],
    ['Garage', 403, xml('AccessDenied', 'Forbidden: Invalid signature')],
    ['a malformed query', 400, xml('AuthorizationQueryParametersError')],
  ])('a damaged link on %s', (_, status, body) =>
    expect(refusal(status, body, BEFORE, END)).toBe('damaged'),
  );

  it.each([429, 500, 503])('%i passes', (status) =>
    expect(refusal(status, '', AFTER, END)).toBe('trouble'),
  );
});
