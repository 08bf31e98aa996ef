import { defineConfig } from 'vitest/config'

// Real-cluster tests need Java: they are skipped here, and run by vitest.cluster.config.ts.
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts', 'test/**/*.test.tsx'],
    globalSetup: ['test/support/temporary-folders.ts', 'test/support/cluster/notice.ts'],
    disableConsoleIntercept: true,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Every test file may start processes and brokers of its own: two cores are soon busy.
    maxWorkers: 2,
    coverage: { provider: 'v8', include: ['src/core/**'] },
  },
})
