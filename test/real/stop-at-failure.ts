import { afterEach, beforeEach } from 'vitest'

// The tests of a file go on with the chain that the one before left. After one that failed the others would only
// wait for what cannot come: they are skipped, and the file is run again, on a chain of its own.
let failed = false

beforeEach(({ skip }) => skip(failed, 'a test before it failed'))
afterEach(({ task }) => {
  failed ||= task.result?.state === 'fail'
})
