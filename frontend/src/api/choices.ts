/** What fields choose from. */
import { $api } from './client'

/** Enough for choosing; who has more agents finds them by typing (`q`). */
const SOME = 200

/** `may`: whether the reader's role has agents.read. */
export function useAgents(q = '', may = true) {
  const query = { limit: SOME, ...(q ? { q } : {}) }
  return $api.useQuery('get', '/api/v1/agents', { params: { query } }, { enabled: may })
}

export function useNumbers() {
  return $api.useQuery('get', '/api/v1/numbers', { params: { query: { limit: SOME } } })
}

/** `may`: whether the reader's role has trunks.read. */
export function useTrunks(may: boolean) {
  return $api.useQuery('get', '/api/v1/trunks', { params: { query: { limit: SOME } } }, { enabled: may })
}

export function useKnowledgeBases() {
  return $api.useQuery('get', '/api/v1/knowledge-bases', { params: { query: { limit: SOME } } })
}
