/** What calls are looked through for: goals, topics, words that must or must not be said. */
import { Button, Group, NumberInput, Select, Stack, Text, TextInput } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { emptyCriterion, emptyRule, emptyTopic, MOST, RULES } from '../config/analysis'
import { collected } from '../config/collected'
import classes from '../editor/editor.module.css'
import { Lines, Part, Row } from '../editor/fields'
import { useAgentForm } from '../editor/form'

const PLACE = 'config.analysis'

interface ItemsProps {
  name: 'criteria' | 'topics' | 'compliance'
  words: { title: string; help: string; none: string; add: string }
  remove: (name: string) => string
  /** What a reader of screens calls the row. */
  label: (number: number) => string
  make: () => object
  children: (place: string) => ReactNode
}

/** Rows of things with a name. */
function Items({ name, words, remove, label, make, children }: ItemsProps) {
  const form = useAgentForm()
  const list = `${PLACE}.${name}`
  const rows: { name: string }[] = form.values.config.analysis[name]
  return (
    <Part title={words.title} lead={words.help}>
      {rows.length === 0 && (
        <Text size="sm" c="dimmed">
          {words.none}
        </Text>
      )}
      {rows.map((row, i) => (
        <div key={i} className={classes.fallback}>
          <Row label={remove(row.name || String(i + 1))} onRemove={() => form.removeListItem(list, i)}>
            <Stack gap="xs" role="group" aria-label={label(i + 1)}>
              {children(`${list}.${i}`)}
            </Stack>
          </Row>
        </div>
      ))}
      {rows.length < MOST[name] && (
        <Button
          variant="default"
          size="xs"
          leftSection={<IconPlus size={14} />}
          style={{ alignSelf: 'flex-start' }}
          onClick={() => form.insertListItem(list, make())}
        >
          {words.add}
        </Button>
      )}
    </Part>
  )
}

function Name({ place }: { place: string }) {
  const { t } = useTranslation('agents')
  return (
    <TextInput
      label={t('after.name')}
      required
      maxLength={80}
      {...useAgentForm().getInputProps(`${place}.name`)}
    />
  )
}

export function Goals() {
  const { t } = useTranslation('agents')
  const form = useAgentForm()
  const { config } = form.values
  const names = [...new Set([...config.extraction.map(({ name }) => name), ...collected(config)])]
  return (
    <Items
      name="criteria"
      words={{
        title: t('after.criteria'),
        help: t('after.criteriaHelp'),
        none: t('after.noCriteria'),
        add: t('after.addCriterion'),
      }}
      remove={(name) => t('after.removeCriterion', { name })}
      label={(number) => t('after.criterion', { number })}
      make={emptyCriterion}
    >
      {(place) => (
        <>
          <Name place={place} />
          <TextInput
            label={t('after.description')}
            description={t('after.criterionHelp')}
            {...form.getInputProps(`${place}.description`)}
          />
          <DecidedBy place={place} names={names} />
          <Lines label={t('after.saidPhrases')} {...form.getInputProps(`${place}.phrases`)} />
        </>
      )}
    </Items>
  )
}

function DecidedBy({ place, names }: { place: string; names: string[] }) {
  const { t } = useTranslation('agents')
  const form = useAgentForm()
  const { value, ...input } = form.getInputProps(`${place}.field`) as { value: string }
  const data = names.filter(Boolean)
  if (value && !data.includes(value)) data.push(value)
  return (
    <Group align="flex-start" grow preventGrowOverflow={false}>
      <Select
        label={t('after.field')}
        description={t('after.fieldHelp')}
        placeholder={t('after.fieldNone')}
        clearable
        data={data}
        classNames={{ input: 'tl-mono' }}
        {...input}
        value={value || null}
        onChange={(name) => form.setFieldValue(`${place}.field`, name ?? '')}
      />
      {value && (
        <Lines
          label={t('after.equals')}
          description={t('after.equalsHelp')}
          {...form.getInputProps(`${place}.equals`)}
        />
      )}
    </Group>
  )
}

export function Topics() {
  const { t } = useTranslation('agents')
  const form = useAgentForm()
  return (
    <Items
      name="topics"
      words={{
        title: t('after.topics'),
        help: t('after.topicsHelp'),
        none: t('after.noTopics'),
        add: t('after.addTopic'),
      }}
      remove={(name) => t('after.removeTopic', { name })}
      label={(number) => t('after.topic', { number })}
      make={emptyTopic}
    >
      {(place) => (
        <>
          <Name place={place} />
          <Lines
            label={t('after.topicPhrases')}
            description={t('oneALine')}
            {...form.getInputProps(`${place}.phrases`)}
          />
        </>
      )}
    </Items>
  )
}

export function Compliance() {
  const { t } = useTranslation('agents')
  const form = useAgentForm()
  return (
    <Items
      name="compliance"
      words={{
        title: t('after.compliance'),
        help: t('after.complianceHelp'),
        none: t('after.noRules'),
        add: t('after.addRule'),
      }}
      remove={(name) => t('after.removeRule', { name })}
      label={(number) => t('after.rule', { number })}
      make={emptyRule}
    >
      {(place) => (
        <>
          <Name place={place} />
          <Select
            label={t('after.kind')}
            allowDeselect={false}
            data={RULES.map((value) => ({ value, label: t(`after.kinds.${value}`) }))}
            {...form.getInputProps(`${place}.kind`)}
          />
          <Lines
            label={t('after.phrases')}
            description={t('oneALine')}
            required
            {...form.getInputProps(`${place}.phrases`)}
          />
          <NumberInput
            label={t('after.within')}
            description={t('after.withinHelp')}
            maw={260}
            decimalScale={0}
            {...form.getInputProps(`${place}.within_turns`)}
          />
        </>
      )}
    </Items>
  )
}
