{{- /* What the operator does with resources of its own, wherever it watches. */ -}}
{{- define "operator.rules" -}}
- apiGroups: [thoughtspot.dev]
  resources: [thoughtspotgroups, thoughtspotinstances, thoughtspotorgs, thoughtspotusers]
  verbs: [get, list, watch, patch]
- apiGroups: [thoughtspot.dev]
  resources: [thoughtspotgroups/status, thoughtspotinstances/status, thoughtspotorgs/status, thoughtspotusers/status]
  verbs: [patch]
- apiGroups: [events.k8s.io]
  resources: [events]
  verbs: [create]
{{- end -}}

{{- /* Reading Secrets, and holding them. `names` and `held`: lists, or nothing for every Secret there. Secrets are listed and watched by
name only, which RBAC grants by resourceNames, too. */ -}}
{{- define "operator.secretRules" -}}
{{- if or .all .names }}
- apiGroups: [""]
  resources: [secrets]
  {{- if not .all }}
  resourceNames: {{ toJson .names }}
  {{- end }}
  verbs: [get, list, watch]
{{- end }}
{{- if and .hold (or .all .held) }}
- apiGroups: [""]
  resources: [secrets]
  {{- if not .all }}
  resourceNames: {{ toJson .held }}
  {{- end }}
  verbs: [patch]
{{- end }}
{{- end -}}

{{- /* The same for one entry of rbac.secrets.namespaces. */ -}}
{{- define "operator.secretRulesOf" -}}
{{- $named := or (hasKey .entry "credentials") (hasKey .entry "passwords") -}}
{{- $held := default list .entry.credentials -}}
{{- $names := concat $held (default list .entry.passwords) | uniq -}}
{{- include "operator.secretRules" (dict "all" (not $named) "names" $names "held" $held "hold" .hold) -}}
{{- end -}}

{{- define "operator.subject" -}}
- kind: ServiceAccount
  name: {{ include "operator.serviceAccount" . }}
  namespace: {{ .Release.Namespace }}
{{- end -}}

{{- /* A Role and its binding, if there are rules: root, name, namespace, rules. */ -}}
{{- define "operator.role" -}}
{{- if .rules }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: {{ .name }}
  namespace: {{ .namespace }}
  labels: {{- include "operator.labels" .root | nindent 4 }}
rules: {{- .rules | trim | nindent 2 }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: {{ .name }}
  namespace: {{ .namespace }}
  labels: {{- include "operator.labels" .root | nindent 4 }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: {{ .name }}
subjects: {{- include "operator.subject" .root | nindent 2 }}
{{- end }}
{{- end -}}

{{- /* The same for the cluster: root, name, rules. */ -}}
{{- define "operator.clusterRole" -}}
{{- if .rules }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: {{ .name }}
  labels: {{- include "operator.labels" .root | nindent 4 }}
rules: {{- .rules | trim | nindent 2 }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: {{ .name }}
  labels: {{- include "operator.labels" .root | nindent 4 }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: {{ .name }}
subjects: {{- include "operator.subject" .root | nindent 2 }}
{{- end }}
{{- end -}}
