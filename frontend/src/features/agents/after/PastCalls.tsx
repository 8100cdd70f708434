/** What the settings would make of past calls, and having those calls read anew. */
import { Divider, Stack } from '@mantine/core'
import { May } from '@/api/session'
import type { Draft } from '../editor/useDraft'
import { Reruns } from './Reruns'
import { TryOnCalls } from './TryOnCalls'

export function PastCalls({ draft }: { draft: Draft }) {
  return (
    <May permission="agents.write">
      <Stack gap="xl" mt="xl">
        <Divider />
        <TryOnCalls draft={draft} />
        <Divider />
        <Reruns draft={draft} />
      </Stack>
    </May>
  )
}
