import { TOKEN_HEADER } from '../lib/page/guard.ts'
import { type LocalProcess, LocalProcessError } from './local-process.ts'

/**
 * Asks the local process for an act, as its page does; returns the sentence on what was done.
 *
 * @throws LocalProcessError when it refuses or does not answer.
 */
export async function requestAct({ page, pid }: LocalProcess, verb: string, input: object): Promise<string> {
  const response = await fetch(new URL(`/acts/${verb}`, page.url), {
    method: 'POST',
    headers: { 'content-type': 'application/json', [TOKEN_HEADER]: page.token },
    body: JSON.stringify(input),
    signal: AbortSignal.timeout(10_000),
  }).catch((cause: unknown) => {
    const message = `the local process (pid ${pid}) does not answer at ${new URL(page.url).origin}`
    throw new LocalProcessError({ message, remedy: 'See its output; start it again if it hangs.', cause })
  })
  const { message, error } = (await response.json()) as { message?: string; error?: string }
  if (response.ok) return message ?? 'done'
  throw new LocalProcessError({ message: error ?? `HTTP ${response.status}`, remedy: 'See "baton status".' })
}
