import { type ForkOptions, fork, type Serializable } from 'node:child_process'
import { once } from 'node:events'

/** A process of a benchmark that answers one question at a time. */
export type AskedChild<Question, Message> = {
  /** What it sent once it had started. */
  readonly first: Message
  ask(question: Question): Promise<Message>
  stop(): Promise<void>
}

/**
 * Starts a file of this folder as a process and waits for its first message.
 *
 * @throws Error when it ends before it has answered.
 */
export async function askChild<Question extends Serializable, Message>(
  file: string,
  given: readonly string[] = [],
  options: ForkOptions = {},
): Promise<AskedChild<Question, Message>> {
  const child = fork(new URL(file, import.meta.url), given, options)
  const next = async (): Promise<Message> => {
    const answered = new AbortController()
    const { signal } = answered
    try {
      const [answer] = await Promise.race([
        once(child, 'message', { signal }),
        once(child, 'exit', { signal }).then(([code]) => Promise.reject(new Error(`${file} ended with code ${code}`))),
      ])
      return answer as Message
    } finally {
      answered.abort()
    }
  }
  return {
    first: await next(),
    ask(question) {
      const answer = next()
      child.send(question)
      return answer
    },
    async stop() {
      child.disconnect()
      await once(child, 'exit')
    },
  }
}
