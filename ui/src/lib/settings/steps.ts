import type { Connecting } from './connecting.svelte';

/** What a step is called at the head of its sheet. */
export function stepTitle(connecting: Connecting): string {
  switch (connecting.step) {
    case 'form':
      return connecting.goal === 'new' ? 'Connect a bucket' : 'Open a vault';
    case 'words':
      return 'Your 24 words';
    case 'ask':
      return 'Three of them, to be sure';
    case 'kit':
    case 'done':
      return 'Your recovery kit';
  }
}
