import { describe, expect, it } from 'vitest';

import { qrPath } from './qr';

describe('qr', () => {
  it('draws the three corners of a code', () => {
    const { size, path } = qrPath('https://example.com/');
    expect(size).toBeGreaterThanOrEqual(21);
    expect(path.startsWith('M0 0h7v1h-7z')).toBe(true);
    expect(path).toContain(`M${size - 7} 0h7v1h-7z`);
    expect(path).toContain(`M0 ${size - 7}h7v1h-7z`);
  });

  it('holds the longest link there may be', () => {
    const { size } = qrPath(`https://s3.example.com/${'a'.repeat(497)}`);
    expect(size).toBeLessThanOrEqual(177);
  });
});
