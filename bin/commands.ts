import { type Verb, verb } from './verb.ts'

/** Every verb, loaded when it is called. */
export const commands: Readonly<Record<string, Verb>> = {
  start: verb(async () => (await import('./commands/start.ts')).start),
  status: verb(async () => (await import('./commands/status.ts')).status),
  watch: verb(async () => (await import('./commands/watch.ts')).watch),
  explain: verb(async () => (await import('./commands/explain.ts')).explain),
  history: verb(async () => (await import('./commands/history.ts')).history),
  switchover: verb(async () => (await import('./commands/switchover.ts')).switchover),
  pause: verb(async () => (await import('./commands/pause.ts')).pause),
  resume: verb(async () => (await import('./commands/resume.ts')).resume),
  hold: verb(async () => (await import('./commands/hold.ts')).hold),
  quarantine: verb(async () => (await import('./commands/quarantine.ts')).quarantine),
  backfill: verb(async () => (await import('./commands/backfill.ts')).backfill),
  recover: verb(async () => (await import('./commands/recover.ts')).recover),
  disaster: verb(async () => (await import('./commands/disaster.ts')).disaster),
  upgrade: verb(async () => (await import('./commands/upgrade.ts')).upgrade),
  adopt: verb(async () => (await import('./commands/adopt.ts')).adopt),
  resequence: verb(async () => (await import('./commands/resequence.ts')).resequence),
  gate: verb(async () => (await import('./commands/gate.ts')).gate),
  monitor: verb(async () => (await import('./commands/monitor.ts')).monitor),
  fault: verb(async () => (await import('./commands/fault.ts')).fault),
  drill: verb(async () => (await import('./commands/drill.ts')).drill),
  version: verb(async () => (await import('./commands/version.ts')).version),
}
