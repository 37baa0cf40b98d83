"""A pytest fixture: a strict simulator of EC2, empty for each test."""

from .simulator import ControlError, Ec2Simulator, StartError

__all__ = ["ControlError", "Ec2Simulator", "StartError"]
