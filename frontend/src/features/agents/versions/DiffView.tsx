/** What differs between two configurations, readable: where, before, after. */
import { Badge, Group, SegmentedControl, SimpleGrid, Stack, Text } from '@mantine/core'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { type Change, shown, wordDiff } from '../config/diff'
import { sectionOf } from '../editor/form'
import { LineDiff } from './LineDiff'
import classes from './versions.module.css'

interface Props {
  changes: readonly Change[]
  beforeLabel: string
  afterLabel: string
}

const COLORS = { added: 'petrol', removed: 'red', changed: 'amber' } as const

export function DiffView({ changes, beforeLabel, afterLabel }: Props) {
  const { t } = useTranslation('agents')
  const words = usePathWords()
  const [view, setView] = useState('side')
  if (changes.length === 0) return <Text c="dimmed">{t('noDifference')}</Text>
  return (
    <Stack gap="md">
      {changes.some(({ text }) => text) && (
        <SegmentedControl
          aria-label={t('textView')}
          size="xs"
          style={{ alignSelf: 'flex-start' }}
          value={view}
          onChange={setView}
          data={[
            { value: 'side', label: t('sideBySide') },
            { value: 'inline', label: t('inline') },
          ]}
        />
      )}
      <Stack gap="md" component="ul" className={classes.changes}>
        {changes.map((change) => (
          <li key={change.path}>
            <Group gap="xs" mb={4}>
              <Text size="sm" fw={500} title={change.path}>
                {words(change.path)}
              </Text>
              <Badge size="sm" color={COLORS[change.kind]}>
                {t(`change.${change.kind}`)}
              </Badge>
            </Group>
            {change.text && view === 'inline' ? (
              <LineDiff lines={change.text} />
            ) : (
              <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="xs">
                <Side label={beforeLabel} change={change} side="removed" />
                <Side label={afterLabel} change={change} side="added" />
              </SimpleGrid>
            )}
          </li>
        ))}
      </Stack>
    </Stack>
  )
}

/** A dotted place in words: its section in the editor, then its own words. */
function usePathWords() {
  const { t } = useTranslation('agents')
  return (path: string) => {
    const parts = path.split('.').map((part) => part.replaceAll('_', ' '))
    if (path === 'name') return t('name')
    return [t(`sections.${sectionOf(`config.${path}`)}`), ...parts].join(' › ')
  }
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
      {change.text ? (
        <LineDiff lines={change.text.filter(({ kind }) => kind === 'same' || kind === side)} />
      ) : (
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
      )}
    </div>
  )
}
