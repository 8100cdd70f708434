/** What can be done with one turn. */
import { ActionIcon, Menu } from '@mantine/core'
import { useClipboard } from '@mantine/hooks'
import { IconDots, IconEraser, IconLink } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { useTenant } from '@/api/session'
import type { Turn } from '@/components/call/types'
import { confirmDanger, done, failed } from '@/components/forms'
import { duration } from '@/components/format'
import { useRedact } from './redactions'

export function TurnActions({ call, turn }: { call: string; turn: Turn }) {
  const { t } = useTranslation(['calls', 'common'])
  const { path, may } = useTenant()
  const redact = useRedact(() => done(t('after.redactAsked')))
  const clipboard = useClipboard()
  const copy = () => {
    const url = new URL(path(`calls/${call}`), window.location.origin)
    url.searchParams.set('turn', String(turn.index))
    clipboard.copy(url.href)
    done(t('common:copied'))
  }
  const ask = () =>
    confirmDanger({
      title: t('after.redactTurnTitle'),
      text: t('after.redactTurnText', { words: turn.text.slice(0, 300) }),
      confirm: t('after.redactConfirm'),
      cancel: t('common:cancel'),
      onConfirm: () =>
        redact.mutate({ params: { path: { id: call } }, body: { turn: turn.index } }, { onError: failed }),
    })
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon
          variant="subtle"
          color="gray"
          size={24}
          aria-label={t('after.turnActions', { time: duration(Math.max(0, turn.start_ms)) })}
        >
          <IconDots size={14} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconLink size={15} />} onClick={copy}>
          {t('after.copyLink')}
        </Menu.Item>
        {may('calls.annotate') && (
          <Menu.Item leftSection={<IconEraser size={15} />} color="red" onClick={ask}>
            {t('after.redactTurn')}
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  )
}
