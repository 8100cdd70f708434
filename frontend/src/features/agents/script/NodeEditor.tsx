/** One node: what is said on entering it, what is expected then, and what happens otherwise. */
import { Button, Group, NumberInput, Select, Stack, Text, Textarea, TextInput } from '@mantine/core'
import { IconFlag, IconPlus, IconTrash } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { emptyBranch } from '../config/defaults'
import type { ScriptForm } from '../config/types'
import { Part } from '../editor/fields'
import { useAgentForm } from '../editor/form'
import { BranchEditor } from './BranchEditor'
import { leadTo, removeNode, renameNode } from './edit'

export function NodeEditor({ index, onRemoved }: { index: number; onRemoved: () => void }) {
  const { t } = useTranslation('agents')
  const form = useAgentForm()
  const script = form.values.config.model as ScriptForm
  const node = script.nodes[index]!
  const place = `config.model.nodes.${index}`
  const from = leadTo(script.nodes, node.name)
  return (
    <Stack gap="lg">
      <Stack gap="sm">
        <Group align="flex-end" gap="xs">
          <TextInput
            label={t('nodeName')}
            classNames={{ input: 'tl-mono' }}
            flex={1}
            maw={280}
            {...form.getInputProps(`${place}.name`)}
            onChange={(event) => {
              form.clearFieldError(`${place}.name`)
              form.setFieldValue('config.model', renameNode(script, index, event.currentTarget.value))
            }}
          />
          <Button
            variant="default"
            leftSection={<IconFlag size={15} />}
            disabled={script.start === node.name}
            onClick={() => form.setFieldValue('config.model.start', node.name)}
          >
            {script.start === node.name ? t('isStart') : t('makeStart')}
          </Button>
          <Button
            variant="subtle"
            color="gray"
            leftSection={<IconTrash size={15} />}
            disabled={script.nodes.length === 1}
            onClick={() => {
              form.setFieldValue('config.model', removeNode(script, index))
              onRemoved()
            }}
          >
            {t('removeNode')}
          </Button>
        </Group>
        <Text size="sm" c="dimmed">
          {script.start === node.name
            ? t('reachedAtStart')
            : from.length > 0
              ? t('reachedFrom', { nodes: from.join(', ') })
              : t('reachedNever')}
        </Text>
        <Textarea
          label={t('say')}
          description={t('sayHelp', { variable: '{{name}}' })}
          autosize
          minRows={2}
          {...form.getInputProps(`${place}.say`)}
        />
      </Stack>
      <Part title={t('expect')} lead={t('expectHelp')}>
        {node.expect.map((_, b) => (
          <BranchEditor key={b} node={index} index={b} count={node.expect.length} />
        ))}
        <Button
          variant="default"
          size="xs"
          leftSection={<IconPlus size={14} />}
          style={{ alignSelf: 'flex-start' }}
          onClick={() => form.insertListItem(`${place}.expect`, emptyBranch())}
        >
          {t('addBranch')}
        </Button>
      </Part>
      <Otherwise index={index} />
    </Stack>
  )
}

function Otherwise({ index }: { index: number }) {
  const { t } = useTranslation('agents')
  const form = useAgentForm()
  const script = form.values.config.model as ScriptForm
  const place = `config.model.nodes.${index}`
  return (
    <Part title={t('otherwise')} lead={t('otherwiseHelp')}>
      <Textarea
        label={t('otherwiseSay')}
        autosize
        minRows={1}
        {...form.getInputProps(`${place}.otherwise`)}
      />
      <Group align="flex-start" grow preventGrowOverflow={false}>
        <NumberInput
          label={t('otherwiseLimit')}
          min={1}
          max={20}
          clampBehavior="none"
          {...form.getInputProps(`${place}.otherwise_limit`)}
        />
        <Select
          label={t('otherwiseGoto')}
          placeholder={t('endsCall')}
          clearable
          data={script.nodes.map((node) => node.name).filter(Boolean)}
          {...form.getInputProps(`${place}.otherwise_goto`)}
        />
      </Group>
    </Part>
  )
}
