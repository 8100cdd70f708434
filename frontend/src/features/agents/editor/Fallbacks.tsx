/** Who takes over within the turn, in this order. */
import { ActionIcon, Button, Group, Stack, Text } from '@mantine/core'
import { IconArrowDown, IconArrowUp, IconPlus, IconTrash } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { type FallbacksForm, kindOf } from '../config/types'
import { Part } from './fields'
import { useAgentForm } from './form'
import classes from './editor.module.css'

const MOST = 3

interface FallbacksProps<K extends keyof FallbacksForm> {
  kind: K
  /** The ways to add one: what it is called and what it begins with. */
  add: { label: string; make: () => FallbacksForm[K][number] }[]
  children: (place: string, item: FallbacksForm[K][number]) => ReactNode
}

export function Fallbacks<K extends keyof FallbacksForm>({ kind, add, children }: FallbacksProps<K>) {
  const { t } = useTranslation('agents')
  const form = useAgentForm()
  const list = `config.fallbacks.${kind}`
  const items: FallbacksForm[K][number][] = form.values.config.fallbacks[kind]
  // Nobody can go on in the voice of a model that speaks itself.
  if (kindOf(form.values.config.model) === 'realtime') return null
  return (
    <Part title={t('fallbacks')} lead={t('fallbacksHelp')}>
      {items.map((item, i) => (
        <Stack key={i} gap="sm" className={classes.fallback}>
          <Head list={list} at={i} last={i === items.length - 1} />
          {children(`${list}.${i}`, item)}
        </Stack>
      ))}
      {items.length === 0 && (
        <Text size="sm" c="dimmed">
          {t(`noFallbacks_${kind}`)}
        </Text>
      )}
      {items.length < MOST && (
        <Group gap="xs">
          {add.map(({ label, make }) => (
            <Button
              key={label}
              variant="default"
              size="xs"
              leftSection={<IconPlus size={14} />}
              onClick={() => form.insertListItem(list, make())}
            >
              {label}
            </Button>
          ))}
        </Group>
      )}
    </Part>
  )
}

function Head({ list, at, last }: { list: string; at: number; last: boolean }) {
  const { t } = useTranslation('agents')
  const form = useAgentForm()
  const number = at + 1
  return (
    <Group justify="space-between">
      <Text fw={600} size="sm" component="h4" m={0}>
        {t('fallbackNumber', { number })}
      </Text>
      <Group gap={2}>
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={t('fallbackUp', { number })}
          disabled={at === 0}
          onClick={() => form.reorderListItem(list, { from: at, to: at - 1 })}
        >
          <IconArrowUp size={16} />
        </ActionIcon>
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={t('fallbackDown', { number })}
          disabled={last}
          onClick={() => form.reorderListItem(list, { from: at, to: at + 1 })}
        >
          <IconArrowDown size={16} />
        </ActionIcon>
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={t('removeFallback', { number })}
          onClick={() => form.removeListItem(list, at)}
        >
          <IconTrash size={16} />
        </ActionIcon>
      </Group>
    </Group>
  )
}
