/** What S3 answers a put with `If-None-Match: *` when the object is there. */
const THERE = 'PreconditionFailed'
/** What it answers while another such put of the same key is under way: neither has won yet. */
const BUSY = 'ConditionalRequestConflict'
const TRIES = 3

/**
 * Carries out a put to S3 that replaces nothing. An object that is there already counts as done, as it does
 * when the first try of this very put was applied and its answer lost.
 */
export async function putUnlessThere(put: () => Promise<void>): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await put()
    } catch (error) {
      const name = error instanceof Error ? error.name : ''
      if (name === THERE) return
      if (name !== BUSY || tries === TRIES) throw error
    }
  }
}
