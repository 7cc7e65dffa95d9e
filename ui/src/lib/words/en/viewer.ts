/** One photo, edge to edge. */
export const viewer = {
  title: 'Viewer',
  back: 'Back to the photos',
  keys: 'Keys',
  info: 'What is known of the photo',
  pick: 'Pick',
  reject: 'Reject',
  hundred: '100 %',
  compare: 'Compare',
  held: 'Held',
  share: 'Share this photo',
  earlier: 'Earlier in the grid',
  further: 'Further in the grid',
  strip: 'Filmstrip',
  photo: 'Photo',
  damaged: 'This file is damaged: nothing in it can be shown.',
  noPicture: 'There is no picture to show.',

  play: 'Play',
  stop: 'Stop',
  loading: 'Loading…',
  film: {
    away: 'This film is not on this computer.',
    unknown: 'This computer cannot play this kind of film. The file itself is fine.',
    tooLong: 'This film is too long to be played here. The file itself is fine.',
    unread: 'This film could not be read.',
  },

  zoom: {
    named: (name: string, words: string) => `${name}, ${words}`,
    reading: 'Reading the original…',
    previewOnly: 'The original is not here or is damaged: this is the preview at 100 %',
    size: (width: number, height: number) => `${width} × ${height}`,
    ofRaw: (shown: string, original: string) =>
      `100 % of the camera’s picture in the raw file: ${shown} of ${original} pixels`,
    whole: (shown: string) => `100 %: ${shown} pixels`,
  },
};
