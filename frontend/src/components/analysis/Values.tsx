/** Extracted values: what was found, how sure it is, and the words that it came from. */
import { Badge, Group, Text, Tooltip, UnstyledButton } from '@mantine/core'
import { IconQuote } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { share } from '@/components/format'
import type { Field, Result, ShowTurn, Value } from './types'
import classes from './analysis.module.css'
import { isThere, rowsOf, shownValue, sourcesOf } from './values'

interface ValuesProps {
  result: Pick<Result, 'fields' | 'values'>
  onTurn?: ShowTurn
}

export function Values({ result, onTurn }: ValuesProps) {
  const { t } = useTranslation('analysis')
  const rows = rowsOf(result)
  if (rows.length === 0)
    return (
      <Text size="sm" c="dimmed">
        {t('noValues')}
      </Text>
    )
  return (
    <dl className={classes.values} aria-label={t('values')}>
      {rows.map(([field, value]) => (
        <div key={field.name} className={classes.value}>
          <dt>
            <Tooltip label={field.description} disabled={!field.description} multiline maw={320}>
              <span className="tl-mono">{field.name}</span>
            </Tooltip>
          </dt>
          <dd>
            {isThere(value) ? (
              <Found field={field} value={value!} onTurn={onTurn} />
            ) : (
              <Missing field={field} value={value} />
            )}
          </dd>
        </div>
      ))}
    </dl>
  )
}

function Found({ field, value, onTurn }: { field: Field; value: Value; onTurn?: ShowTurn }) {
  const { t } = useTranslation('analysis')
  const words = { yes: t('yes'), no: t('no') }
  return (
    <>
      <Group gap={8} wrap="nowrap" align="baseline" justify="space-between">
        <span className={classes.found}>{shownValue(value.value, field.type, words)}</span>
        {value.confidence !== null && <Sure confidence={value.confidence} />}
      </Group>
      {sourcesOf(value).map(({ turn, quote }, i) => (
        <Quote key={i} turn={turn} quote={quote} onTurn={onTurn} />
      ))}
      {value.problem && <Problem text={value.problem} />}
    </>
  )
}

function Quote({ quote, turn, onTurn }: { quote: string; turn: number | null; onTurn?: ShowTurn }) {
  const { t } = useTranslation('analysis')
  const said = (
    <>
      <IconQuote size={13} aria-hidden />
      <span>{quote}</span>
    </>
  )
  if (turn === null || !onTurn) return <span className={classes.quote}>{said}</span>
  return (
    <UnstyledButton
      className={classes.quote}
      aria-label={t('fromTurn', { quote })}
      onClick={() => onTurn(turn, quote)}
    >
      {said}
    </UnstyledButton>
  )
}

/** How sure, as a bar and in words. */
function Sure({ confidence }: { confidence: number }) {
  const { t } = useTranslation('analysis')
  const shown = share(confidence)
  return (
    <Tooltip label={t('confidenceOf', { share: shown })}>
      <span className={classes.sure} data-low={confidence < 0.5 || undefined}>
        {shown}
      </span>
    </Tooltip>
  )
}

function Missing({ field, value }: { field: Field; value: Value | undefined }) {
  const { t } = useTranslation('analysis')
  return (
    <>
      <Group gap={8} wrap="nowrap" justify="space-between">
        <Text span size="sm" c="dimmed" fs="italic">
          {t('missing')}
        </Text>
        {field.required && (
          <Badge color="amber" size="sm">
            {t('needed')}
          </Badge>
        )}
      </Group>
      {value?.problem && <Problem text={value.problem} />}
    </>
  )
}

function Problem({ text }: { text: string }) {
  return (
    <Text size="xs" c="dimmed">
      {text}
    </Text>
  )
}
