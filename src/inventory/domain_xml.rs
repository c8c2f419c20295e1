//! libvirt's domain XML: `virsh dumpxml` of one guest or of several, one after the other.

use roxmltree::Node;

use super::quantity::libvirt;
use super::{Document, Format, Inventory, InventoryGuest};

pub(super) const FORMAT: Format = Format { name: "libvirt's domain XML", is, read };

fn is(document: &Document) -> bool {
    document.text.trim_start().starts_with('<') && document.text.contains("<domain")
}

fn read(document: &Document) -> Result<Inventory, String> {
    // Several documents in a file are none; below one root they are, without the lines that only a first line may be.
    let (mut text, mut rest) = ("<all>".to_owned(), document.text);
    while let Some((before, (_, after))) =
        rest.split_once("<?xml").and_then(|(before, after)| Some((before, after.split_once("?>")?)))
    {
        text.push_str(before);
        rest = after;
    }
    text = text + rest + "</all>";
    let tree = roxmltree::Document::parse(&text)
        .map_err(|error| format!("{error}; save the whole output of `virsh dumpxml` once more"))?;
    let domains = tree.descendants().filter(|node| node.has_tag_name("domain") && !within_domain(node));
    let mut found = Inventory::default();
    for domain in domains {
        found.guests.push(guest(domain)?);
    }
    if found.guests.iter().all(|guest| guest.rate_mib.is_none()) && !found.guests.is_empty() {
        found.notes.push(
            "domain XML has no dirty rates; `virsh domstats --state --balloon --vcpu --dirtyrate` has".to_owned(),
        );
    }
    Ok(found)
}

/// A snapshot's or a checkpoint's copy also has a domain.
fn within_domain(node: &Node) -> bool {
    node.ancestors().skip(1).any(|above| above.has_tag_name("domain"))
}

fn child<'a, 'i>(node: Node<'a, 'i>, name: &str) -> Option<Node<'a, 'i>> {
    node.children().find(|child| child.has_tag_name(name))
}

fn guest(domain: Node) -> Result<InventoryGuest, String> {
    let text = |name: &str| child(domain, name).and_then(|node| node.text()).map(str::trim);
    let name = text("name").filter(|name| !name.is_empty()).ok_or_else(|| {
        let line = domain.document().text_pos_at(domain.range().start).row;
        format!("line {line}: this domain has no `<name>`")
    })?;
    let memory = child(domain, "memory").and_then(|node| libvirt(node.text()?, node.attribute("unit")));
    let name = name.to_owned();
    let memory = memory.filter(|memory| *memory > 0).ok_or_else(|| {
        format!("`{name}` has no `<memory>` that is a size; save the output of `virsh dumpxml {name}` once more")
    })?;
    let vcpu = child(domain, "vcpu");
    let vcpus = vcpu.and_then(|node| node.attribute("current").or(node.text())?.trim().parse().ok());
    let page_size = child(domain, "memoryBacking").and_then(|backing| {
        let huge = child(backing, "hugepages")?;
        let page = child(huge, "page");
        let size = page.and_then(|page| libvirt(page.attribute("size")?, page.attribute("unit")));
        // Without a size it is the host's own, which is 2 MiB almost everywhere.
        size.or(Some(2 << 20)).filter(|size| [2 << 20, 1 << 30].contains(size) && memory.is_multiple_of(*size))
    });
    Ok(InventoryGuest { name, memory, vcpus, page_size, ..InventoryGuest::default() })
}
