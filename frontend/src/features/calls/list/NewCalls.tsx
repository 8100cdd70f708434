/** Says that calls have begun since the list was loaded; rows never jump away under the pointer. */
import { Button, Center } from '@mantine/core'
import { IconArrowUp } from '@tabler/icons-react'
import { useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { type Filters, fits } from '../filters'
import type { CallList } from './useCallList'

export function NewCalls({ list, filters }: { list: CallList; filters: Filters }) {
  const { t } = useTranslation('calls')
  const client = useQueryClient()
  const { live, loaded, query } = list
  if (!query.data) return null
  const shown = new Set(loaded.map(({ id }) => id))
  const items = new Map(live.calls.map((call) => [call.id, call.item]))
  const fresh = live.begun.filter((id) => {
    const item = items.get(id)
    // Of a call that has ended meanwhile nothing is known any more: it counts where nothing is narrowed.
    return !shown.has(id) && (item ? fits(item, filters) : fits(NOTHING_KNOWN, filters))
  })
  const newest = loaded[0]?.id ?? ''
  const count = fresh.filter((id) => id > newest).length
  const show = () => {
    window.scrollTo({ top: 0 })
    void client.resetQueries({ queryKey: ['get', '/api/v1/calls'] })
  }
  return (
    <div aria-live="polite">
      {count > 0 && (
        <Center>
          <Button size="xs" radius="xl" leftSection={<IconArrowUp size={14} aria-hidden />} onClick={show}>
            {t('newCalls', { count })}
          </Button>
        </Center>
      )}
    </div>
  )
}

const NOTHING_KNOWN = {} as Parameters<typeof fits>[0]
