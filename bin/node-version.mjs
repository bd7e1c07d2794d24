// What Baton needs of Node. Any Node can read this file.

/** Node 22.18, 23.6, 24 and newer run TypeScript as it is. */
export const isNewEnough = Boolean(process.features.typescript)

/** Says on stderr that this Node is too old for something, and what to do; the process will exit with code 1. */
export function refuseNode(what, remedy) {
  process.stderr.write(
    `Node ${process.versions.node} cannot run ${what}.\nInstall Node 24, or 22.18 or later${remedy}.\n`,
  )
  process.exitCode = 1
}
