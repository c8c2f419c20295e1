//! YAML into JSON.

use serde_json::Value;
#[cfg(feature = "program")]
use serde_saphyr::UserMessageFormatter;

#[cfg(feature = "program")]
mod lines;
#[cfg(feature = "program")]
pub use lines::lines;

/// In which line each value begins: not told without the feature `program`.
#[cfg(not(feature = "program"))]
pub fn lines(_text: &str) -> std::collections::BTreeMap<String, usize> {
    std::collections::BTreeMap::new()
}

/// Whether a text begins as objects of Kubernetes do in YAML: with one of their keys.
pub fn has_objects(text: &str) -> bool {
    let mut lines = text.trim_start_matches('\u{feff}').lines();
    let first = lines.find(|line| !line.trim().is_empty() && !line.starts_with(['#', '%', '-']));
    first.is_some_and(|line| {
        ["apiVersion:", "kind:", "items:", "metadata:", "spec:"].iter().any(|key| line.starts_with(key))
    })
}

/// Why a text is not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct YamlError {
    /// What is wrong, and in which line and column.
    pub why: String,
}

/// The documents of a text; those that are empty are left out.
///
/// # Errors
/// It is no YAML, or more than is read: aliases that multiply, or nesting without end.
#[cfg(feature = "program")]
pub fn documents(text: &str) -> Result<Vec<Value>, YamlError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut documents: Vec<Value> = serde_saphyr::from_multiple(text)
        .map_err(|error| YamlError { why: error.without_snippet().render_with_formatter(&UserMessageFormatter) })?;
    documents.retain(|document| !document.is_null());
    Ok(documents)
}

/// The documents of a text: none are read without the feature `program`, which brings the reader of YAML.
///
/// # Errors
/// Always.
#[cfg(not(feature = "program"))]
pub fn documents(_text: &str) -> Result<Vec<Value>, YamlError> {
    Err(YamlError { why: "YAML is read with the feature `program`".to_owned() })
}

#[cfg(all(test, feature = "program"))]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_kubectl_prints_is_read() {
        let text = "\
apiVersion: migrations.kubevirt.io/v1alpha1   # a remark
kind: MigrationPolicy
metadata:
  name: 'don''t'
  annotations: &notes
    kubectl.kubernetes.io/last-applied-configuration: |
      {\"a\": 1}

      # no remark
    note: a long text that
      goes on # remark
spec:
  allowAutoConverge: true
  bandwidthPerMigration: 64Mi
  completionTimeoutPerGiB: 120
  factor: 1.5
  version: \"1.20\"
  url: http://a:1/#b
  empty: {}
  selectors:
    virtualMachineInstanceSelector: {workload-type: \"a, b\", list: [1, two, {x: z}]}
  items:
  - name: a
    deep:
      - 1
      - two
  - plain
  -
    name: b
  none:
  again: *notes
status: ~
---
second: 1
---
";
        let documents = documents(text).unwrap();
        let notes = json!({
            "kubectl.kubernetes.io/last-applied-configuration": "{\"a\": 1}\n\n# no remark\n",
            "note": "a long text that goes on",
        });
        let wanted = json!({
            "apiVersion": "migrations.kubevirt.io/v1alpha1",
            "kind": "MigrationPolicy",
            "metadata": {"name": "don't", "annotations": notes},
            "spec": {
                "allowAutoConverge": true, "bandwidthPerMigration": "64Mi", "completionTimeoutPerGiB": 120, "factor": 1.5,
                "version": "1.20", "url": "http://a:1/#b", "empty": {},
                "selectors": {"virtualMachineInstanceSelector": {"workload-type": "a, b", "list": [1, "two", {"x": "z"}]}},
                "items": [{"name": "a", "deep": [1, "two"]}, "plain", {"name": "b"}],
                "none": null, "again": notes,
            },
            "status": null,
        });
        assert_eq!(documents, [wanted, json!({"second": 1})]);
    }

    #[test]
    fn objects_are_told_by_their_first_line() {
        let no_logs = ["# saved\n---\napiVersion: v1\n", "\u{feff}kind: KubeVirt\n", "items:\n- apiVersion: v1\n"];
        assert!(no_logs.into_iter().all(has_objects));
        assert!(!["", "kind = \"nova\"\n", "Job type: None\nspec: 1\n", "{\"kind\": 1}"].into_iter().any(has_objects));
    }

    #[test]
    fn what_is_not_read_is_said_with_its_line() {
        for (text, line) in
            [("a: 1\na: 2", 2), ("a:\n\tb: 1", 2), ("b: 1\na: [1, 2", 2), ("a: 1\n  b: 2", 2), ("  a: 1\nb: 2", 2)]
        {
            let error = documents(text).unwrap_err();
            assert!(error.why.contains(&format!("line {line}")), "{text:?}: {error}");
        }
        let deep: String = (0..5000).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
        documents(&deep).unwrap_err();
        documents(&"[".repeat(100_000)).unwrap_err();
        assert_eq!(documents("").unwrap(), Vec::<Value>::new());
    }
}
