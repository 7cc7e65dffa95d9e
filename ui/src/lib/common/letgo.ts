/**
 * Lets a picture go with its element. The web view frees what was decoded for it only once the
 * element itself is collected, which may be thousands of photos later.
 */
export function letGo(img: HTMLImageElement): () => void {
  return () => img.removeAttribute('src');
}
