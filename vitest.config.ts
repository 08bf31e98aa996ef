import { defineConfig } from 'vitest/config'

// Real-cluster tests need Java; `npm run test:cluster` and the CI script run them.
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts', 'test/**/*.test.tsx'],
    disableConsoleIntercept: true,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Every test file may start processes and brokers of its own: two cores are soon busy.
    maxWorkers: 2,
    coverage: { provider: 'v8', include: ['src/core/**'] },
  },
})
