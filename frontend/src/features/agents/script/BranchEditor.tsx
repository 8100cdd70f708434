/** One thing the caller may say or press in a node, and what happens then. */
import { ActionIcon, Box, Button, Group, Select, Stack, Text, Textarea, TextInput } from '@mantine/core'
import { IconArrowDown, IconArrowUp, IconPlus, IconTrash } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { ScriptForm } from '../config/types'
import { Lines, Row } from '../editor/fields'
import { useAgentForm } from '../editor/form'
import { targetOf, withTarget } from './edit'
import classes from './script.module.css'

const KEYS = [...'0123456789*#ABCD']

interface Props {
  node: number
  index: number
  count: number
}

export function BranchEditor({ node, index, count }: Props) {
  const { t } = useTranslation('agents')
  const form = useAgentForm()
  const script = form.values.config.model as ScriptForm
  const place = `config.model.nodes.${node}.expect.${index}`
  const branch = script.nodes[node]!.expect[index]!
  const names = script.nodes.map(({ name }) => name).filter(Boolean)
  const target = targetOf(branch)
  const targets = [
    { value: 'stay', label: t('staysHere') },
    { value: 'end', label: t('endsCall') },
    ...[...new Set([...names, ...(branch.goto ? [branch.goto] : [])])].map((name) => ({
      value: `node:${name}`,
      label: t('goesTo', { node: name }),
    })),
  ]
  return (
    <Box className={classes.branch} role="group" aria-label={t('branch', { number: index + 1 })}>
      <Group justify="space-between" gap="xs">
        <Text size="sm" fw={500}>
          {t('branch', { number: index + 1 })}
        </Text>
        <Order node={node} index={index} count={count} />
      </Group>
      <Stack gap="sm">
        <Group align="flex-start" gap="sm" wrap="wrap">
          <Lines
            label={t('phrases')}
            description={t('phrasesHelp')}
            className={classes.phrases}
            {...form.getInputProps(`${place}.phrases`)}
          />
          <Select
            label={t('key')}
            description={t('keyHelp')}
            placeholder={t('none')}
            clearable
            w={130}
            data={KEYS}
            {...form.getInputProps(`${place}.dtmf`)}
            value={branch.dtmf || null}
            onChange={(key) => form.setFieldValue(`${place}.dtmf`, key ?? '')}
          />
        </Group>
        <Group align="flex-start" gap="sm" wrap="wrap">
          <Textarea
            label={t('reply')}
            className={classes.phrases}
            autosize
            minRows={1}
            {...form.getInputProps(`${place}.reply`)}
          />
          <Select
            label={t('then')}
            allowDeselect={false}
            className={classes.target}
            data={targets}
            value={target}
            error={form.errors[`${place}.goto`]}
            onChange={(value) => form.setFieldValue(place, withTarget(branch, value!))}
          />
        </Group>
        <Fixed place={place} rows={branch.set.length} />
      </Stack>
    </Box>
  )
}

function Order({ node, index, count }: Props) {
  const { t } = useTranslation('agents')
  const form = useAgentForm()
  const list = `config.model.nodes.${node}.expect`
  const move = (to: number) => form.reorderListItem(list, { from: index, to })
  return (
    <Group gap={2}>
      <ActionIcon
        variant="subtle"
        color="gray"
        disabled={index === 0}
        onClick={() => move(index - 1)}
        aria-label={t('moveUp')}
      >
        <IconArrowUp size={16} />
      </ActionIcon>
      <ActionIcon
        variant="subtle"
        color="gray"
        disabled={index === count - 1}
        onClick={() => move(index + 1)}
        aria-label={t('moveDown')}
      >
        <IconArrowDown size={16} />
      </ActionIcon>
      <ActionIcon
        variant="subtle"
        color="gray"
        onClick={() => form.removeListItem(list, index)}
        aria-label={t('removeBranch', { number: index + 1 })}
      >
        <IconTrash size={16} />
      </ActionIcon>
    </Group>
  )
}

/** Fixed values that are stored when this branch matches. */
function Fixed({ place, rows }: { place: string; rows: number }) {
  const { t } = useTranslation('agents')
  const form = useAgentForm()
  return (
    <Stack gap="xs" align="stretch">
      {Array.from({ length: rows }, (_, i) => (
        <Row key={i} label={t('removeValue')} onRemove={() => form.removeListItem(`${place}.set`, i)}>
          <Group gap="xs" grow align="flex-start">
            <TextInput
              aria-label={t('setName')}
              placeholder={t('namePlaceholder')}
              classNames={{ input: 'tl-mono' }}
              {...form.getInputProps(`${place}.set.${i}.name`)}
            />
            <TextInput
              aria-label={t('setValue')}
              placeholder={t('valuePlaceholder')}
              {...form.getInputProps(`${place}.set.${i}.value`)}
            />
          </Group>
        </Row>
      ))}
      <Button
        variant="subtle"
        size="compact-xs"
        leftSection={<IconPlus size={13} />}
        style={{ alignSelf: 'flex-start' }}
        onClick={() => form.insertListItem(`${place}.set`, { name: '', value: '' })}
      >
        {t('addSet')}
      </Button>
    </Stack>
  )
}
