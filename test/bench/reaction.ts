import { reactionTable } from '../monitor/reaction.ts'

// The worst gap between two blocks for each fault, on virtual time: the table of docs/reaction.md.
console.log(await reactionTable())
