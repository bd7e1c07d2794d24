import { vi } from 'vitest'

// The path of a machine without Python, on every machine: S3 and SSM by the fakes.
vi.stubEnv('BATON_TEST_FAKES', '1')
await import('./switchover.test.ts')
