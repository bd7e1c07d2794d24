import type { Head, NodeName } from './records.ts'
import { all, any, below, equals, type Write } from './write.ts'

/**
 * Makes a granted term effective on the head: from here on the old holder cannot commit, whatever
 * it believes and however long it sleeps. The item this write returns is the old term's final head.
 * Repeating it for the same holder changes nothing that matters, so a crash after it is harmless.
 */
export function fence(holder: NodeName, term: number, at: number): Write<Head> {
  return {
    set: { holder, term, fencedAt: at },
    when: any(below('term', term), all(equals('term', term), equals('holder', holder))),
  }
}
