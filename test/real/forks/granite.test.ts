import { provesFork } from './fork-suite.ts'

provesFork('granite')
