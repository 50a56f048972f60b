import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    environment: 'jsdom',
    include: ['test/**/*.spec.ts'],
    isolate: false,
    silent: 'passed-only',
    fileParallelism: false,
    setupFiles: ['test/setup.ts'],
    server: { deps: { inline: true } }
  }
});
