/** What a script step expects: the phrases and keys, and what happens then. */
import { ActionIcon, Button, Group, Select, Stack, Text, Textarea } from '@mantine/core'
import { IconPlus, IconTrash } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { emptyBranch } from '@/components/flow/nodes'
import type { Branch } from '@/components/flow/types'
import { Lines } from '../editor/fields'
import { useAgentForm } from '../editor/form'
import { targetOf, withTarget } from '../script/edit'
import { nodeOptions } from './options'
import { Pairs } from './Pairs'
import { type FlowEdit, type NodeField, PLACE } from './useFlow'
import classes from './flow.module.css'

const KEYS = [...'0123456789*#ABCD']

interface BranchListProps {
  edit: FlowEdit
  name: string
  field: NodeField
}

export function BranchList({ edit, name, field }: BranchListProps) {
  const { t } = useTranslation('agents')
  const { value: branches, set } = field<Branch[]>('expect')
  return (
    <Stack gap="xs" role="group" aria-label={t('expect')}>
      <Text size="sm" fw={600}>
        {t('expect')}
      </Text>
      {branches.map((branch, i) => (
        <OneBranch
          key={i}
          edit={edit}
          branch={branch}
          number={i + 1}
          place={`${PLACE}.nodes.${name}.expect.${i}`}
          onChange={(next) => set(branches.map((b, at) => (at === i ? { ...b, ...next } : b)))}
          onRemove={() => set(branches.filter((_, at) => at !== i))}
        />
      ))}
      <Button
        variant="default"
        size="xs"
        leftSection={<IconPlus size={14} />}
        style={{ alignSelf: 'flex-start' }}
        onClick={() => set([...branches, emptyBranch()])}
      >
        {t('addBranch')}
      </Button>
    </Stack>
  )
}

interface OneBranchProps {
  edit: FlowEdit
  branch: Branch
  number: number
  place: string
  onChange: (next: Partial<Branch>) => void
  onRemove: () => void
}

function OneBranch({ edit, branch, number, place, onChange, onRemove }: OneBranchProps) {
  const { t } = useTranslation('agents')
  const { errors } = useAgentForm()
  const targets = [
    { value: 'stay', label: t('staysHere') },
    { value: 'end', label: t('endsCall') },
    ...nodeOptions(edit.flow).map(({ value, label }) => ({
      value: `node:${value}`,
      label: t('goesTo', { node: label }),
    })),
  ]
  return (
    <div className={classes.way} role="group" aria-label={t('branch', { number })}>
      <Group justify="space-between" wrap="nowrap">
        <Text size="sm" fw={500}>
          {t('branch', { number })}
        </Text>
        <ActionIcon
          variant="subtle"
          color="gray"
          size="md"
          aria-label={t('removeBranch', { number })}
          onClick={onRemove}
        >
          <IconTrash size={16} />
        </ActionIcon>
      </Group>
      <Stack gap="xs">
        <Lines
          label={t('phrases')}
          description={t('phrasesHelp')}
          value={branch.phrases}
          error={errors[`${place}.phrases`] ?? errors[place]}
          data-path={`${place}.phrases`}
          onChange={(phrases) => onChange({ phrases })}
        />
        <Select
          label={t('key')}
          placeholder={t('none')}
          clearable
          data={KEYS}
          value={branch.dtmf}
          onChange={(dtmf) => onChange({ dtmf })}
        />
        <Textarea
          label={t('reply')}
          autosize
          minRows={1}
          value={branch.reply}
          onChange={(event) => onChange({ reply: event.currentTarget.value })}
        />
        <Select
          label={t('then')}
          allowDeselect={false}
          data={targets}
          value={targetOf(branch)}
          error={errors[`${place}.goto`]}
          data-path={`${place}.goto`}
          onChange={(target) => onChange(withTarget(branch, target!))}
        />
        <Pairs
          label={t('flow.fixed')}
          value={branch.set}
          onChange={(values) => onChange({ set: values })}
          add={t('addSet')}
        />
      </Stack>
    </div>
  )
}
