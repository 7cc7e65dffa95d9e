/**
 * Pictures drawn once at the size they are seen in. The web view would scale them down from their
 * full size each time they move, and keep every pixel of them until then.
 */
import type { Attachment } from 'svelte/attachments';

export function drawnSmall(url: string): Attachment<HTMLCanvasElement> {
  return (canvas) => {
    const img = new Image();
    const draw = (): void => {
      const sharp = window.devicePixelRatio;
      const by = Math.min(
        (canvas.clientWidth * sharp) / img.naturalWidth,
        (canvas.clientHeight * sharp) / img.naturalHeight,
      );
      canvas.width = Math.max(1, Math.round(img.naturalWidth * by));
      canvas.height = Math.max(1, Math.round(img.naturalHeight * by));
      const paper = canvas.getContext('2d');
      if (paper) paper.imageSmoothingQuality = 'high';
      paper?.drawImage(img, 0, 0, canvas.width, canvas.height);
      img.removeAttribute('src');
    };
    img.src = url;
    // Where there is no picture the place stays empty; leaving before it came ends here too.
    void img.decode().then(draw, () => undefined);
    return () => {
      img.removeAttribute('src');
    };
  };
}
