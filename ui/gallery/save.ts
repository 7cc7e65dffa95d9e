/** Handing one photo over: to the phone's photos where the browser can, else as a download. */
import { element } from './dom';
import { pictureBlob } from './pictures';
import type { Bytes } from './bytes';
import { saveName } from './sniff';

export async function handOver(bytes: Bytes, name: string): Promise<void> {
  const { blob, kind } = pictureBlob(bytes);
  const file = new File([blob], saveName(name, kind), { type: kind.type });
  if (matchMedia('(pointer: coarse)').matches && canShare(file)) {
    try {
      await navigator.share({ files: [file] });
      return;
    } catch (error) {
      // Closed by the client: that is an answer. Anything else (such as a tap too long ago) is not.
      if (error instanceof DOMException && error.name === 'AbortError') return;
    }
  }
  const url = URL.createObjectURL(file);
  element('a', { attributes: { href: url, download: file.name } }).click();
  // Browsers read a download's blob after the click has returned.
  setTimeout(() => {
    URL.revokeObjectURL(url);
  }, 60_000);
}

function canShare(file: File): boolean {
  return 'canShare' in navigator && navigator.canShare({ files: [file] });
}
