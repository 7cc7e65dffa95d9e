// The client's gallery: ui/gallery/index.html -> ui/dist/gallery/index.html, one self-contained file.
import { defineConfig } from 'vite';
import { viteSingleFile } from 'vite-plugin-singlefile';
import { sealedPage } from './gallery/build/sealed-page';

export default defineConfig({
  root: 'gallery',
  plugins: [viteSingleFile({ removeViteModuleLoader: true }), sealedPage()],
  build: {
    outDir: '../dist/gallery',
    emptyOutDir: true,
    target: ['safari16', 'chrome111', 'firefox115'],
    modulePreload: { polyfill: false },
  },
});
