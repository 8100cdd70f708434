/** One way on from a node: where it leads, and when it is taken. */
import {
  ActionIcon,
  Autocomplete,
  Button,
  Group,
  Select,
  Stack,
  Text,
  Textarea,
  TextInput,
} from '@mantine/core'
import { IconArrowDown, IconArrowUp, IconPlus, IconTrash } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { emptyCondition } from '@/components/flow/nodes'
import { COMPARISONS, type Comparison, type Condition, type Edge } from '@/components/flow/types'
import { useAgentForm } from '../editor/form'
import { knownNames, moveEdge, removeWay, setEdge } from './edit'
import { nodeOptions } from './options'
import { type FlowEdit, PLACE } from './useFlow'
import { wayId } from '@/components/flow/ways'
import classes from './flow.module.css'

interface EdgeEditorProps {
  edit: FlowEdit
  from: string
  index: number
}

export function EdgeEditor({ edit, from, index }: EdgeEditorProps) {
  const { t } = useTranslation('agents')
  const form = useAgentForm()
  const { flow, change } = edit
  const node = flow.nodes[from]
  if (!node || !('edges' in node)) return null
  const edge = node.edges[index]
  if (!edge) return null
  const place = `${PLACE}.nodes.${from}.edges.${index}`
  const error = (key: string) => form.errors[`${place}.${key}`]
  const set = (next: Partial<Edge>, key: string) => {
    form.clearFieldError(`${place}.${key}`)
    change(setEdge(flow, from, index, next), `${from}.edges.${index}.${key}`)
  }
  return (
    <div className={classes.way} role="group" aria-label={t('flow.way', { number: index + 1 })}>
      <Group justify="space-between" gap="xs" wrap="nowrap" mb={4}>
        <Text size="sm" fw={500}>
          {t('flow.way', { number: index + 1 })}
        </Text>
        <Order edit={edit} from={from} index={index} count={node.edges.length} />
      </Group>
      <Stack gap="xs">
        <Select
          label={t('flow.leadsTo')}
          allowDeselect={false}
          data={nodeOptions(flow)}
          value={edge.goto}
          error={error('goto')}
          data-path={`${place}.goto`}
          onChange={(goto) => goto && set({ goto }, 'goto')}
        />
        {node.kind === 'prompt' && (
          <Textarea
            label={t('flow.when')}
            description={t('flow.whenHelp')}
            autosize
            minRows={1}
            value={edge.when}
            error={error('when')}
            data-path={`${place}.when`}
            onChange={(event) => set({ when: event.currentTarget.value }, 'when')}
          />
        )}
        <Conditions
          conditions={edge.conditions}
          place={place}
          onChange={(conditions) => set({ conditions }, 'conditions')}
          names={knownNames(flow, form.values.config)}
        />
      </Stack>
    </div>
  )
}

function Order({ edit, from, index, count }: EdgeEditorProps & { count: number }) {
  const { t } = useTranslation('agents')
  const { flow, change } = edit
  const button = { variant: 'subtle', color: 'gray', size: 'md' } as const
  return (
    <Group gap={0} wrap="nowrap">
      <ActionIcon
        {...button}
        aria-label={t('flow.earlier', { number: index + 1 })}
        disabled={index === 0}
        onClick={() => change(moveEdge(flow, from, index, -1))}
      >
        <IconArrowUp size={16} />
      </ActionIcon>
      <ActionIcon
        {...button}
        aria-label={t('flow.later', { number: index + 1 })}
        disabled={index === count - 1}
        onClick={() => change(moveEdge(flow, from, index, 1))}
      >
        <IconArrowDown size={16} />
      </ActionIcon>
      <ActionIcon
        {...button}
        aria-label={t('flow.removeWay', { number: index + 1 })}
        onClick={() => change(removeWay(flow, wayId(from, 'edge', index)))}
      >
        <IconTrash size={16} />
      </ActionIcon>
    </Group>
  )
}

interface ConditionsProps {
  conditions: Condition[]
  place: string
  names: string[]
  onChange: (conditions: Condition[]) => void
}

function Conditions({ conditions, place, names, onChange }: ConditionsProps) {
  const { t } = useTranslation('agents')
  const { errors } = useAgentForm()
  const set = (at: number, next: Partial<Condition>) =>
    onChange(conditions.map((condition, i) => (i === at ? { ...condition, ...next } : condition)))
  return (
    <Stack gap={6} role="group" aria-label={t('flow.conditions')}>
      <Text size="sm" fw={500}>
        {t('flow.conditions')}
      </Text>
      {conditions.map((condition, i) => {
        const fault = Object.entries(errors).find(([at]) => at.startsWith(`${place}.conditions.${i}`))?.[1]
        return (
          <Group key={i} gap={6} wrap="nowrap" align="flex-start">
            <div className={classes.condition}>
              <Autocomplete
                aria-label={t('flow.conditionName', { number: i + 1 })}
                placeholder={t('namePlaceholder')}
                classNames={{ input: 'tl-mono' }}
                data={names}
                value={condition.name}
                error={fault}
                data-path={`${place}.conditions.${i}.name`}
                onChange={(name) => set(i, { name })}
              />
              <Select
                aria-label={t('flow.comparison', { number: i + 1 })}
                allowDeselect={false}
                data={COMPARISONS.map((value) => ({ value, label: t(`flow.is.${value}`) }))}
                value={condition.is}
                onChange={(is) => set(i, { is: is as Comparison })}
              />
              {condition.is !== 'set' && condition.is !== 'unset' && (
                <TextInput
                  aria-label={t('flow.conditionValue', { number: i + 1 })}
                  placeholder={t('valuePlaceholder')}
                  value={condition.value}
                  onChange={(event) => set(i, { value: event.currentTarget.value })}
                />
              )}
            </div>
            <ActionIcon
              variant="subtle"
              color="gray"
              size="lg"
              aria-label={t('flow.removeCondition', { number: i + 1 })}
              onClick={() => onChange(conditions.filter((_, at) => at !== i))}
            >
              <IconTrash size={16} />
            </ActionIcon>
          </Group>
        )
      })}
      <Button
        variant="subtle"
        size="compact-sm"
        leftSection={<IconPlus size={14} />}
        style={{ alignSelf: 'flex-start' }}
        onClick={() => onChange([...conditions, emptyCondition()])}
      >
        {t('flow.addCondition')}
      </Button>
    </Stack>
  )
}
