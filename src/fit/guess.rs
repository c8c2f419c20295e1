//! A workload and a link as a point that a search can move.

use crate::guest::{Law, RateSchedule, Workload};
use crate::units::{PageRate, Pages, Rate, Share};

/// The order in which a guest may write its pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteShape {
    /// Any page with the same chance.
    Uniform,
    /// A hot part takes most of the writes.
    HotCold,
    /// Page after page.
    Sequential,
}

impl WriteShape {
    /// All, those with fewer parameters first.
    pub const ALL: [WriteShape; 3] = [WriteShape::Uniform, WriteShape::Sequential, WriteShape::HotCold];

    /// The word used in scenario files.
    pub fn as_str(self) -> &'static str {
        match self {
            WriteShape::Uniform => "uniform",
            WriteShape::HotCold => "hot-cold",
            WriteShape::Sequential => "sequential",
        }
    }
}

/// What is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FitQuantity {
    /// Page writes while nothing slows the guest [pages/s].
    Rate,
    /// Working set [pages].
    Region,
    /// Hot part, as a share of the working set.
    Hot,
    /// Share of the writes that go there.
    HotShare,
    /// How busy the writer is; less than 1 is slack.
    Cpu,
    /// Bandwidth of the link [bytes/s].
    Bandwidth,
}

impl FitQuantity {
    /// Its key in a scenario file.
    pub fn key(self) -> &'static str {
        match self {
            FitQuantity::Rate => "rate",
            FitQuantity::Region => "region",
            FitQuantity::Hot => "hot",
            FitQuantity::HotShare => "share",
            FitQuantity::Cpu => "cpu",
            FitQuantity::Bandwidth => "bandwidth",
        }
    }

    /// A value for a person.
    pub fn show(self, value: f64) -> String {
        match self {
            FitQuantity::Rate => PageRate(value).to_string(),
            FitQuantity::Region => Pages(value as u64).bytes().to_string(),
            FitQuantity::Hot | FitQuantity::HotShare | FitQuantity::Cpu => Share(value).to_string(),
            FitQuantity::Bandwidth => Rate(value as u64).to_string(),
        }
    }

    /// The value with which it is as if it were not there: no slack, and a half that takes half of the writes.
    pub(super) fn neutral(self) -> f64 {
        match self {
            FitQuantity::Hot | FitQuantity::HotShare => 0.5,
            _ => 1.0,
        }
    }
}

/// A quantity, and where it may lie. Searches move its logarithm.
#[derive(Clone, Copy, Debug)]
pub(super) struct SearchAxis {
    pub(super) quantity: FitQuantity,
    pub(super) low: f64,
    pub(super) high: f64,
}

impl SearchAxis {
    pub(super) fn new(quantity: FitQuantity, low: f64, high: f64) -> SearchAxis {
        SearchAxis { quantity, low, high: high.max(low) }
    }

    /// The value at a coordinate, brought back between the bounds.
    pub(super) fn value(&self, coordinate: f64) -> f64 {
        libm::exp(coordinate).clamp(self.low, self.high)
    }

    /// How far a coordinate lies outside [e-folds].
    pub(super) fn outside(&self, coordinate: f64) -> f64 {
        (libm::log(self.low) - coordinate).max(coordinate - libm::log(self.high)).max(0.0)
    }

    /// The coordinate of a share of the way from the lower bound to the upper one.
    pub(super) fn coordinate(&self, share: f64) -> f64 {
        let (low, high) = (libm::log(self.low), libm::log(self.high));
        low + share * (high - low)
    }
}

/// A workload and a link.
#[derive(Clone, Copy, Debug)]
pub(super) struct Guess {
    pub(super) shape: WriteShape,
    pub(super) rate: f64,
    pub(super) region: f64,
    pub(super) hot: f64,
    pub(super) share: f64,
    pub(super) cpu: f64,
    /// `None`: as the scenario says.
    pub(super) bandwidth: Option<f64>,
}

impl Guess {
    /// The guess at a point, as it would be written; quantities without an axis have no part in it.
    ///
    /// A digit more or less may tip a decision, so what is judged must be what is written.
    pub(super) fn at(shape: WriteShape, axes: &[SearchAxis], point: &[f64]) -> Guess {
        let mut guess = Guess { shape, rate: 1.0, region: 1.0, hot: 0.5, share: 0.5, cpu: 1.0, bandwidth: None };
        for (axis, coordinate) in axes.iter().zip(point) {
            let value = axis.value(*coordinate);
            match axis.quantity {
                FitQuantity::Rate => guess.rate = value,
                FitQuantity::Region => guess.region = value,
                FitQuantity::Hot => guess.hot = value,
                FitQuantity::HotShare => guess.share = value,
                FitQuantity::Cpu => guess.cpu = value,
                FitQuantity::Bandwidth => guess.bandwidth = Some(value),
            }
        }
        guess.rounded()
    }

    /// With figures that can be read: five digits of rates, whole quarters of a MiB, tenths of a per mille.
    fn rounded(self) -> Guess {
        let to = |value: f64, step: f64| (value / step).round() * step;
        // The power of ten that is five digits below the value.
        let digits = |value: f64| libm::pow(10.0, (libm::log10(value.max(1e-300)).floor() - 4.0).max(-2.0));
        let fine = |value: f64| (value * 1e4).round() / 1e4;
        let quarter = 64.0;
        Guess {
            rate: to(self.rate, digits(self.rate)),
            region: if self.region > quarter { to(self.region, quarter) } else { self.region.round() },
            hot: fine(self.hot),
            share: fine(self.share),
            cpu: fine(self.cpu).max(1e-4),
            bandwidth: self.bandwidth.map(|bandwidth| to(bandwidth, 125.0)),
            ..self
        }
    }

    /// All that it has of quantities, over a link of `link` bytes/s unless it has one itself.
    pub(super) fn quantities(&self, link: f64) -> Vec<(FitQuantity, f64)> {
        let mut all = vec![(FitQuantity::Rate, self.rate), (FitQuantity::Region, self.region)];
        if self.shape == WriteShape::HotCold {
            all.extend([(FitQuantity::Hot, self.hot), (FitQuantity::HotShare, self.share)]);
        }
        all.extend([(FitQuantity::Cpu, self.cpu), (FitQuantity::Bandwidth, self.bandwidth.unwrap_or(link))]);
        all
    }

    /// The workload, which lies right below `top`. Late writes are all made up for.
    pub(super) fn workload(&self, top: Pages, changed: Share) -> Workload {
        let region = Pages((self.region as u64).clamp(1, top.0.max(1)));
        let law = match self.shape {
            WriteShape::Uniform => Law::Uniform,
            WriteShape::Sequential => Law::Sequential { start: Pages(0) },
            WriteShape::HotCold => {
                let hot = Pages(((region.0 as f64 * self.hot) as u64).clamp(1, region.0));
                Law::HotCold { hot, share: Share(self.share) }
            }
        };
        Workload {
            law,
            offset: Pages(top.0.saturating_sub(region.0)),
            region,
            rate: PageRate(self.rate),
            cpu: Share(self.cpu),
            schedule: RateSchedule::default(),
            changed,
            catch_up: None,
        }
    }
}
