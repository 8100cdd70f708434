/** Asks the server what is wrong with the flow, a while after its last change. */
import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useEffectEvent } from 'react'
import { api } from '@/api/client'
import { asProblem } from '@/api/problem'
import type { Flow } from '@/components/flow/types'
import { canonical } from '../config/convert'
import { useAgentForm } from '../editor/form'
import { PLACE } from './useFlow'

const PAUSE_MS = 900

export function useCheck(agent: string, flow: Flow, enabled: boolean) {
  const form = useAgentForm()
  const [settled] = useDebouncedValue(canonical(flow), PAUSE_MS)
  const query = useQuery({
    queryKey: ['flow check', agent, settled],
    queryFn: async () => {
      const { data } = await api.POST('/api/v1/agents/{id}/flow/check', {
        params: { path: { id: agent } },
        body: { flow: JSON.parse(settled) as Record<string, unknown> },
      })
      return data!.problems
    },
    enabled,
    retry: false,
    staleTime: Infinity,
  })
  const show = useEffectEvent((problems: readonly { path: string; detail: string }[]) => {
    const others = Object.entries(form.errors).filter(([place]) => !place.startsWith(PLACE))
    const found = problems.map(({ path, detail }) => [
      path.startsWith(PLACE) ? path : `${PLACE}.${path}`,
      detail,
    ])
    form.setErrors(Object.fromEntries([...others, ...found]) as Record<string, string>)
  })
  useEffect(() => {
    if (query.data) show(query.data)
  }, [query.data])
  return {
    problems: query.data?.length,
    checking: query.isFetching || settled !== canonical(flow),
    trouble: query.error ? asProblem(query.error).detail : null,
  }
}
