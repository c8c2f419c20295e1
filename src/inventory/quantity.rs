//! Sizes as other programs write them.

/// Units of libvirt's XML: those of two letters are decimal.
const LIBVIRT: [(&str, u64); 12] = [
    ("b", 1),
    ("bytes", 1),
    ("KB", 1000),
    ("k", 1 << 10),
    ("KiB", 1 << 10),
    ("MB", 1_000_000),
    ("M", 1 << 20),
    ("MiB", 1 << 20),
    ("GB", 1_000_000_000),
    ("G", 1 << 30),
    ("GiB", 1 << 30),
    ("TiB", 1 << 40),
];

/// Suffixes of Kubernetes' quantities.
const KUBERNETES: [(&str, f64); 9] = [
    ("Ki", 1024.0),
    ("Mi", 1_048_576.0),
    ("Gi", 1_073_741_824.0),
    ("Ti", 1_099_511_627_776.0),
    ("k", 1e3),
    ("M", 1e6),
    ("G", 1e9),
    ("T", 1e12),
    ("m", 1e-3),
];

/// So many of a unit of libvirt's XML [bytes]; without a unit it is KiB.
pub(super) fn libvirt(amount: &str, unit: Option<&str>) -> Option<u64> {
    let (_, factor) = LIBVIRT.iter().find(|(name, _)| *name == unit.unwrap_or("KiB"))?;
    amount.trim().parse::<u64>().ok()?.checked_mul(*factor)
}

/// A quantity of Kubernetes [bytes], such as `8Gi`.
pub(super) fn kubernetes(text: &str) -> Option<u64> {
    let text = text.trim();
    let (number, factor) = KUBERNETES
        .iter()
        .find_map(|(suffix, factor)| Some((text.strip_suffix(suffix)?, *factor)))
        .unwrap_or((text, 1.0));
    let bytes = number.parse::<f64>().ok()? * factor;
    (bytes.is_finite() && (0.0..1e18).contains(&bytes)).then_some(bytes.round() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_of_other_programs_are_read() {
        assert_eq!(libvirt("8388608", None), Some(8 << 30));
        assert_eq!(libvirt(" 8 ", Some("GiB")), Some(8 << 30));
        assert_eq!(
            (libvirt("8", Some("x")), libvirt("-8", None), libvirt("99999999999999999", Some("TiB"))),
            (None, None, None)
        );
        assert_eq!(
            (kubernetes("8Gi"), kubernetes("1.5G"), kubernetes("2048")),
            (Some(8 << 30), Some(1_500_000_000), Some(2048))
        );
        assert_eq!((kubernetes("eight"), kubernetes("1e400"), kubernetes("-1")), (None, None, None));
    }
}
