import { cloudflareTest, readD1Migrations } from '@cloudflare/vitest-plugin'
import { defineConfig } from 'vitest/config'

/** Pure logic and Node-side parts in plain Node; adapters in the real workerd; the rest end to end. */
export default defineConfig({
  test: {
    // On two cores the default is one: half of the machine would wait for the other.
    maxWorkers: '100%',
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts', 'test/architecture.test.ts'],
          testTimeout: 20_000,
          // Pure logic keeps no state between files: each module is loaded once, in half of the time.
          isolate: false,
        },
      },
      {
        plugins: [
          cloudflareTest(async () => ({
            wrangler: { configPath: './wrangler.toml' },
            miniflare: {
              bindings: {
                TEST_MIGRATIONS: await readD1Migrations('./migrations'),
                EDGECLAW_PLATFORM: 'local',
                // Known to everybody who reads this file: they open nothing but the tests' own gateway.
                EDGECLAW_TOKEN: `ect_${'T'.repeat(43)}`,
                EDGECLAW_ENCRYPTION_KEY: '5c'.repeat(32),
                EDGECLAW_ALLOWED_ORIGINS: 'https://admin.example',
              },
            },
          })),
        ],
        test: {
          name: 'worker',
          include: ['test/worker/**/*.test.ts'],
          setupFiles: ['test/worker/support/end-of-file.ts'],
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'runner',
          include: ['test/runner/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'dashboard',
          include: ['test/dashboard/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
    ],
  },
})
