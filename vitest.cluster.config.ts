import { defineConfig } from 'vitest/config'

// The tests against a real Apache RocketMQ: `npm run test:cluster`.
export default defineConfig({
  test: {
    include: ['test/cluster/**/*.test.ts'],
    globalSetup: ['test/support/temporary-folders.ts', 'test/support/cluster/global-setup.ts'],
    disableConsoleIntercept: true,
    // Brokers wait for members that are gone and consumers rebalance every 20 s.
    testTimeout: 120_000,
    hookTimeout: 180_000,
    maxWorkers: 2,
  },
})
