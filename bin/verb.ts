import { type ArgsDef, type CommandDef, renderUsage, runCommand } from 'citty'
import { checkArguments } from './check-arguments.ts'

/** One command of the command line, loaded when it is used. */
export type Verb = {
  /** For citty's overview of all commands. */
  readonly overview: () => Promise<CommandDef>
  /** Its help, without the exit codes. */
  readonly usage: () => Promise<string>
  /** Runs it with the words after it; resolves with what the command returned. */
  readonly run: (name: string, words: readonly string[]) => Promise<unknown>
}

/** Makes a verb of a citty command, whatever its arguments. */
export function verb<T extends ArgsDef>(load: () => Promise<CommandDef<T>>): Verb {
  return {
    overview: async () => {
      const { meta } = await load()
      return meta === undefined ? {} : { meta }
    },
    usage: async () => renderUsage(await load(), { meta: { name: 'baton' } }),
    run: async (name, words) => {
      const command = await load()
      const args = typeof command.args === 'function' ? await command.args() : await command.args
      checkArguments(name, words, args ?? {})
      return (await runCommand(command, { rawArgs: [...words] })).result
    },
  }
}
