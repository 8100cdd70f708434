/** What differs between two configurations, readable: where, before, after. */
import { Badge, Group, SimpleGrid, Stack, Text } from '@mantine/core'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { type Change, diff, shown, wordDiff } from '../config/diff'
import classes from './versions.module.css'

interface Props {
  before: unknown
  after: unknown
  beforeLabel: string
  afterLabel: string
}

const COLORS = { added: 'petrol', removed: 'red', changed: 'amber' } as const

export function DiffView({ before, after, beforeLabel, afterLabel }: Props) {
  const { t } = useTranslation('agents')
  const changes = useMemo(() => diff(before, after), [before, after])
  if (changes.length === 0) return <Text c="dimmed">{t('noDifference')}</Text>
  return (
    <Stack gap="md" component="ul" className={classes.changes}>
      {changes.map((change) => (
        <li key={change.path}>
          <Group gap="xs" mb={4}>
            <Text size="sm" fw={500} className="tl-mono">
              {change.path.split('.').join(' › ')}
            </Text>
            <Badge size="sm" color={COLORS[change.kind]}>
              {t(`change.${change.kind}`)}
            </Badge>
          </Group>
          <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="xs">
            <Side label={beforeLabel} change={change} side="removed" />
            <Side label={afterLabel} change={change} side="added" />
          </SimpleGrid>
        </li>
      ))}
    </Stack>
  )
}

function Side({ label, change, side }: { label: string; change: Change; side: 'removed' | 'added' }) {
  const pieces = useMemo(
    () =>
      wordDiff(shown(change.before), shown(change.after)).filter((p) => p.kind === 'same' || p.kind === side),
    [change, side],
  )
  return (
    <div className={classes.side}>
      <Text size="xs" c="dimmed">
        {label}
      </Text>
      <div className={classes.text}>
        {pieces.map((piece, i) =>
          piece.kind === 'same' ? (
            <span key={i}>{piece.text}</span>
          ) : side === 'removed' ? (
            <del key={i} className={classes.removed}>
              {piece.text}
            </del>
          ) : (
            <ins key={i} className={classes.added}>
              {piece.text}
            </ins>
          ),
        )}
      </div>
    </div>
  )
}
